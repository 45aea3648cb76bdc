# Temporal stream on the flow between frames at 3 frames a second: 8 x 1 (low).
_base_ = './flow_1.py'

train_dataloader = dict(
    dataset=dict(
        ann_file='data/sthv1/sthv1_train_list_flow_3fps.txt',
        data_prefix=dict(img='data/sthv1/flow_3fps'),
    )
)
val_dataloader = dict(
    dataset=dict(
        ann_file='data/sthv1/sthv1_val_list_flow_3fps.txt',
        data_prefix=dict(img='data/sthv1/flow_3fps'),
    )
)
test_dataloader = val_dataloader
