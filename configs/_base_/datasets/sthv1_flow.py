# Flow of Something-Something V1, as tools/data/extract_flow.py writes it (docs/two_stream.md).
_base_ = './sthv1.py'

flow = dict(
    data_prefix=dict(img='data/sthv1/flow'),
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
)
train_dataloader = _base_.train_dataloader
train_dataloader.dataset.update(flow, ann_file='data/sthv1/sthv1_train_list_flow.txt')
train_dataloader.dataset.pipeline[0].type = 'SegmentSampleFrames'
# As TSM's code crops flow.
train_dataloader.dataset.pipeline[3].scales = (1, 0.875, 0.75)
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.update(flow, ann_file='data/sthv1/sthv1_val_list_flow.txt')
val_dataloader.dataset.pipeline[0].type = 'SegmentSampleFrames'
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.update(flow, ann_file='data/sthv1/sthv1_val_list_flow.txt')
test_dataloader.dataset.pipeline[0].type = 'SegmentSampleFrames'
