"""The course as code: a NumPy network with batch norm and softmax. It knows no files."""
