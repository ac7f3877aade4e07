"""What the tests of logs share."""

import pytest

from theory import logs


@pytest.fixture
def read(tmp_path):
    def read(content, name="log", **choices):
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return logs.read(file, **choices)

    return read
