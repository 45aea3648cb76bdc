#!/usr/bin/env bash
# Builds the sdist and the wheel, installs the wheel in an environment of its own, and uses it as
# somebody who has no repository: `make wheel-test`.
# WHEEL_VENV=<folder> reuses an environment that an earlier run made there.
set -euo pipefail
cd "$(dirname "$0")/../.."

ROOT=$PWD
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
VENV=$(realpath -m "${WHEEL_VENV:-$WORK/venv}")
export PIP_DISABLE_PIP_VERSION_CHECK=1 OMP_WAIT_POLICY=passive
unset PYTHONPATH

step() { printf '\n== %s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

step 'the tested versions, and openmim'
test -x "$VENV/bin/python" || "${PYTHON:-python3}" -m venv "$VENV"
"$VENV/bin/python" -m pip install -q -r requirements/tested.txt openmim==0.3.9 pytest
export PATH="$VENV/bin:$PATH"

step 'sdist and wheel, from what git knows'
mkdir "$WORK/source"
git ls-files -z --cached --others --exclude-standard > "$WORK/files"
tar -c --null -T "$WORK/files" | tar -x -C "$WORK/source"
(cd "$WORK/source" && python -c "
from setuptools.build_meta import build_sdist
print(build_sdist('$WORK/dist'))" > "$WORK/sdist.log")
tar -xzf "$WORK"/dist/*.tar.gz -C "$WORK"
mv "$WORK"/msnet_mmaction-*/ "$WORK/sdist"
for name in source sdist; do
    python -m pip wheel -q --no-deps --no-build-isolation -w "$WORK/wheel_$name" "$WORK/$name"
done

step 'the sdist holds every file, and makes the same wheel'
python "$ROOT/tests/wheel/check_contents.py" "$WORK"
python -m pip uninstall -q -y msnet_mmaction
python -m pip install -q --no-deps "$WORK"/wheel_source/*.whl

mkdir "$WORK/a user"
cd "$WORK/a user"
msnet() { python -m msnet_mmaction "$@"; }

step 'commands'
msnet --help
msnet configs 'msnet_*'
msnet reproduce --list table3
if msnet configs no_such_config; then fail 'an unknown config is an error'; fi

step 'MIM'
mim search msnet_mmaction --config msnet_r50_sthv1 | tee search.txt
grep -q 'No checkpoint was published' search.txt || fail 'mim search says that there are no weights'
mim download msnet_mmaction --config msnet_r50_sthv1 --dest downloaded
test "$(ls downloaded)" = msnet_r50_sthv1.py || fail 'mim download writes the config alone'

step 'from Python'
python "$ROOT/tests/wheel/check_python.py"

step 'train, test and show: the demo, shortened'
CONFIG=msnet_mmaction::demo/msnet_r18_motion.py
msnet demo --data "$PWD/my data" --work-dir demo --clips 48 \
    --cfg-options train_dataloader.batch_size=12 train_cfg.max_epochs=1
ls demo/{accuracy.json,motion_generated.png,motion_real.png}
msnet motion-data "few clips" --train 24 --val 8
cat > child.py <<END
_base_ = '$CONFIG'
train_dataloader = dict(batch_size=12, dataset=dict(data_root='few clips'))
val_dataloader = dict(dataset=dict(data_root='few clips'))
test_dataloader = dict(dataset=dict(data_root='few clips'))
END
msnet dist 2 train child.py --work-dir demo --resume --cfg-options train_cfg.max_epochs=2
msnet test child.py demo/epoch_2.pth --work-dir demo
msnet dist 2 test child.py demo/epoch_2.pth --work-dir demo
mim train msnet_mmaction child.py --work-dir by_mim --gpus 0 --cfg-options train_cfg.max_epochs=1
mkdir data
ln -s '../few clips' data/motion
msnet train $CONFIG --work-dir by_name --cfg-options train_cfg.max_epochs=1
if msnet train msnet_mmaction::msnet_r18_sthv1.py 2> error.txt; then fail 'there are no data'; fi
tail -1 error.txt

step 'look at data and motion'
msnet browse $CONFIG browsed --number 2
CLIP=$(head -1 'few clips/val.txt' | cut -d ' ' -f 1)
msnet visualize "few clips/$CLIP" --config $CONFIG --checkpoint demo/epoch_2.pth --out figures \
    --formats png gif
msnet cam $CONFIG demo/epoch_2.pth "few clips/$CLIP" --device cpu --out-filename cam.gif \
    --target-layer-name backbone/layer1/motion

step 'videos of a user'
{ echo path,label; sed 's/ /,class /' 'few clips/train.txt'; } > own.csv
msnet prepare folder --csv own.csv --root 'few clips' --from-scratch
msnet browse data/own/msnet_r18_own.py browsed_own --number 1
msnet predict $CONFIG demo/epoch_2.pth 'few clips/val' --out predictions.csv
test "$(wc -l < predictions.csv)" = 9 || fail 'a prediction for each of the 8 videos'

step "mmaction2's own scripts"
msnet tool analysis_tools/get_flops.py $CONFIG --shape 4 3 64 64
msnet tool deployment/publish_model.py demo/epoch_2.pth published.pth
msnet tool analysis_tools/print_config.py $CONFIG > printed.txt
msnet tool analysis_tools/confusion_matrix.py child.py demo/epoch_2.pth --show-path matrix
ls published*.pth matrix*

step 'the wheel works without its repository'
