import numpy as np
import pytest

from theory import networks


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_names_and_the_flat_vector_share_their_memory(dtype):
    parameters = networks.Parameters({"E": (2, 3), "b": (), "W": (3, 2)}, dtype)
    assert parameters.flat.dtype == np.dtype(dtype)
    assert {name: view.shape for name, view in parameters.items()} == {
        "E": (2, 3),
        "b": (),
        "W": (3, 2),
    }
    parameters.flat[:] = np.arange(13)
    np.testing.assert_array_equal(parameters["E"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(parameters["W"], [[7, 8], [9, 10], [11, 12]])
    parameters["b"][...] = -1
    assert parameters.flat[6] == -1
