"""Memory: the least that any control group above this process allows, minus a quarter."""

import pytest

from attnviz.service.memory import machine_bytes, memory_bytes


def tree(root, group: str, **files: str):
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(group)
    for name, text in files.items():
        path = (
            root
            / "sys/fs/cgroup"
            / name.replace("__", "/")
            .replace("memory_max", "memory.max")
            .replace("memory_limit", "memory.limit_in_bytes")
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_without_control_groups_it_is_three_quarters_of_the_machine(tmp_path):
    assert memory_bytes(tmp_path) == int(machine_bytes() * 0.75)


@pytest.mark.parametrize(
    ("group", "files"),
    [
        ("0::/\n", {"memory_max": "1000000\n"}),
        ("0::/pod/app\n", {"memory_max": "max\n", "pod__memory_max": "1000000\n", "pod__app__memory_max": "max\n"}),
        ("0::/outside/the/container\n", {"memory_max": "1000000\n"}),
        ("7:pids:/x\n4:memory:/docker/abc\n0::/\n", {"memory__memory_limit": "1000000\n"}),
        ("4:cpu,memory:/a\n", {"memory__memory_limit": "9223372036854771712\n", "memory__a__memory_limit": "1000000"}),
    ],
    ids=["version 2", "the group above", "a container's own view", "version 1", "version 1, without a limit above"],
)
def test_the_limit_of_the_group_counts(tmp_path, group, files):
    assert memory_bytes(tree(tmp_path, group, **files)) == 750_000


def test_no_limit_is_the_machine(tmp_path):
    assert memory_bytes(tree(tmp_path, "0::/\n", memory_max="max\n")) == int(machine_bytes() * 0.75)
