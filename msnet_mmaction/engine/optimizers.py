"""Groups of parameters for optimisers; registered in mmaction2."""

from typing import Any

from mmaction.engine.optimizers import TSMOptimWrapperConstructor
from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import nn
from torch.nn.modules.conv import _ConvNd


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class FlowTSMOptimWrapperConstructor(TSMOptimWrapperConstructor):
    """mmaction2's groups for TSM, with a higher learning rate of the first convolution.

    It is for an input of optical flow, where the first convolution starts from weights averaged
    over colours. Its learning rate is five times as high, as in the code of TSN, TSM and
    MotionSqueeze. As in mmaction2's constructor, it is the first module of the model that is a
    convolution, of any number of dimensions.

    Raises:
        ValueError: If the model has no convolution.
    """

    def add_params(self, params: list[dict], model: nn.Module, **kwargs: Any) -> None:
        """Add the groups of a model to ``params``."""
        super().add_params(params, model, **kwargs)
        first = next((module for module in model.modules() if isinstance(module, _ConvNd)), None)
        if first is None:
            raise ValueError(
                f'{type(self).__name__}: {type(model).__name__} has no convolution to train for an '
                'input of flow: use TSMOptimWrapperConstructor'
            )
        for group in params:
            if any(parameter is first.weight for parameter in group['params']):
                group['lr'] *= 5
