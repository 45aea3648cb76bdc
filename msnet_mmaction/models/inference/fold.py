"""Making a trained network faster for inference, with equal outputs."""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batch_norms(model: nn.Module) -> nn.Module:
    """Fold each batch norm into the convolution before it, in place.

    Outputs are the same to rounding. What is folded can't be trained: the model is put into
    inference mode, and its checkpoint no longer fits its config.

    Args:
        model: A network of mmcv's ``ConvModule`` and of our own blocks, such as any ResNet, with
            trained weights.

    Returns:
        The model.
    """
    model.eval()
    for block in list(model.modules()):
        # Both kinds of blocks name them so; a shifted convolution holds the plain one as `net`.
        conv, norm = getattr(block, 'conv', None), getattr(block, 'bn', None)
        if not isinstance(norm, nn.modules.batchnorm._BatchNorm):
            continue
        if isinstance(conv, nn.modules.conv._ConvNd):
            block.conv = fuse_conv_bn_eval(conv, norm)
        elif isinstance(getattr(conv, 'net', None), nn.modules.conv._ConvNd):
            conv.net = fuse_conv_bn_eval(conv.net, norm)
        else:
            continue
        block.bn = nn.Identity()
    return model
