# Table 1, NL-I3D (from GCN): I3D with the five non-local blocks of mmaction2's config.
_base_ = './i3d_r50_sthv1.py'

model = dict(
    backbone=dict(
        non_local=((0, 0, 0), (0, 1, 0, 1), (0, 1, 0, 1, 0, 1), (0, 0, 0)),
        non_local_cfg=dict(
            sub_sample=True,
            use_scale=False,
            norm_cfg=dict(type='BN3d', requires_grad=True),
            mode='dot_product',
        ),
    )
)
