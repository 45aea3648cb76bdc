# Table 3, row "S": soft-argmax, displacement alone.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(
    backbone=dict(
        layers=dict(
            layer2=dict(
                # Eq. 2 has no temperature, but is of features that are not normalised; the authors'
                # code normalises them and always divides by 0.01.
                displacement=dict(type='SoftArgmax', temperature=0.01),
                confidence=False,
            )
        )
    )
)
