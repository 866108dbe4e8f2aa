"""What to do where objects would have to be executed: a line of Python for each package."""

from __future__ import annotations

ADVICE = "save the state_dict as .safetensors instead (or plain arrays as .npz)"
SKLEARN = 'np.savez("network.npz", *clf.coefs_, *clf.intercepts_)'
FLAX = 'np.savez("network.npz", **flax.traverse_util.flatten_dict(params, sep="/"))'
KERAS = 'model.save("network.keras")'
TORCH = 'torch.save(model.state_dict(), "network.pt")'
ARRAYS = 'save each array by itself: np.savez("network.npz", W1=W1, b1=b1, W2=W2, b2=b2)'
_SCALED = (
    "skl2onnx.to_onnx(model, X[:1]).SerializeToString(), written to a file .onnx, keeps its "
    "scaling too"
)
_TREES = "of scikit-learn's models only those of sklearn.neural_network are networks"
_BY_PACKAGE = {
    "sklearn.neural_network": f"save the arrays of the trained model instead: {SKLEARN}",
    "sklearn.pipeline": f"where its last step is a network: {_SCALED}",
    "sklearn.model_selection": f"take its best_estimator_, and save its arrays: {SKLEARN}",
    "sklearn": _TREES,
    "joblib": f"save the arrays by NumPy instead, of scikit-learn's model: {SKLEARN}",
    "flax": f"save plain arrays instead: {FLAX}",
    "jax": f"save plain arrays instead: {FLAX}",
    "jaxlib": f"save plain arrays instead: {FLAX}",
    "ml_dtypes": f"save arrays of float32 instead: {FLAX}",
    "keras": f"save the model with Keras instead: {KERAS}",
    "tf_keras": f"save the model with Keras instead: {KERAS}",
    "tensorflow": f"save the model with Keras instead: {KERAS}",
    "pandas": "save each frame as .csv instead: frame.to_csv(...)",
}


def advice_for(name: str) -> str:
    """Return what to do instead of saving an object, by its class's full name.

    Parameters
    ----------
    name : str
        ``"package.module.Class"``; what is no package's is told the usual.
    """
    parts = name.split(".")
    for count in (2, 1):
        said = _BY_PACKAGE.get(".".join(parts[:count]))
        if said is not None and count < len(parts):
            return said
    return ADVICE
