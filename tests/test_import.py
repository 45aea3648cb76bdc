"""What importing the package costs."""

from tests.helpers.processes import run_python


def test_nothing_heavy_is_imported_that_nobody_has_asked_for():
    script = (
        'import sys, msnet_mmaction\n'
        'heavy = ["matplotlib", "tensorboard", "onnx", "skimage", "torch._dynamo",'
        ' "torch._inductor"]\n'
        'print([name for name in heavy if name in sys.modules])\n'
    )
    result = run_python('-c', script)
    assert result.stdout.strip() == '[]', result.stderr
