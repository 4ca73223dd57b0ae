"""No file of the repository names somebody's machine or a package registry."""

import pytest

from traces import problems, traces

# Written so that this file is no find itself.
FOUND = [
    "/" + "root/.cache/uv",
    'path = "/' + 'home/olena/shop"',
    "file:///" + "Users/olena/shop",
    "see /" + "tmp/output.txt",
    "https://" + "pypi" + ".org/simple",
    "https://files." + "pythonhosted" + ".org/packages/x.whl",
    "--" + "index-url https://mirror.example.com",
    "  --" + "find-links wheels",
]
NOT_FOUND = [
    "https://shop.example.com/home/page",
    "~/work/shop",
    "the root/branch",
    "/api/orders/get",
    "UV_FIND_LINKS=dist",
]


@pytest.mark.parametrize("line", FOUND)
def test_a_trace_is_found_on_its_line(line: str) -> None:
    assert [number for number, _ in traces(f"first\n{line}\n")] == [2]


@pytest.mark.parametrize("line", NOT_FOUND)
def test_what_only_looks_like_a_trace_is_left_alone(line: str) -> None:
    assert list(traces(line)) == []


def test_no_file_of_the_repository_holds_a_trace() -> None:
    assert list(problems()) == []
