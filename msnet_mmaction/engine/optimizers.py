"""How parameters are grouped for an optimiser; registered in mmaction2."""

from mmaction.engine.optimizers import TSMOptimWrapperConstructor
from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import nn


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class FlowTSMOptimWrapperConstructor(TSMOptimWrapperConstructor):
    """mmaction2's groups for TSM, with the first convolution trained for an input of flow.

    It starts from weights averaged over colours, and learns five times as fast as the rest, as in
    the code of TSN, TSM and MotionSqueeze.
    """

    def add_params(self, params: list[dict], model: nn.Module, **kwargs) -> None:
        """Add the groups of a model to ``params``."""
        super().add_params(params, model, **kwargs)
        first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
        for group in params:
            if any(parameter is first.weight for parameter in group['params']):
                group['lr'] *= 5
