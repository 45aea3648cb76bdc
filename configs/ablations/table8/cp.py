# Table 8, row "CP module": the same network with Liu, Lee and Jin's module in the place of MS.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(
    backbone=dict(
        layers=dict(layer2=dict(_delete_=True, type='CorrespondenceProposal', in_channels=128))
    )
)
