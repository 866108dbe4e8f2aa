"""A zoo: some hundreds of files that the real frameworks wrote, and what should become of each.

Development scripts, run where the frameworks are (torch, keras, tf_keras, scikit-learn, skl2onnx,
flax, pandas); no test needs them::

    python -m tests.formats.zoo make FOLDER   # trains a few networks, writes the files
    python -m tests.formats.zoo check FOLDER  # opens each, by itself and with MNIST at hand
    python -m tests.formats.zoo back FOLDER   # edits each, writes it back, lets the framework load

``TOOLKIT_TEST_MNIST`` names a folder of MNIST's files.
"""
