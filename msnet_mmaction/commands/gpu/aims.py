"""What the package aims at on a GPU, and how far it got."""

from collections.abc import Iterator, Mapping, Sequence

#: Eight clips of 8 frames at the paper's place: N x H x P x C.
EIGHT_CLIPS = '56x28x15x64'
OURS = ('triton',)


def aims(parts: Sequence[Mapping]) -> list[list[str]]:
    """Rows of an aim, what was measured for it, and whether it is reached.

    Args:
        parts: Those of ``report.json``. What they did not measure has no row.
    """
    rows: list[list[str]] = []
    for part in parts:
        results = [r for r in part['findings'] or [] if isinstance(r, dict)]
        results = [r for r in results if r.get('milliseconds') is not None]
        if part['name'].startswith('operation'):
            rows += _operation(part['title'], results)
        if part['name'].startswith(('networks', 'training')):
            rows += _networks(part['title'], results)
    return rows


def _row(aim: str, measured: str, reached: bool) -> list[str]:
    return [aim, measured, 'yes' if reached else 'no']


def _is_ours(result: Mapping) -> bool:
    return result['backend'].split('+')[0] in OURS


def _operation(title: str, results: Sequence[Mapping]) -> Iterator[list[str]]:
    for direction in ('forward', 'forward+backward'):
        here = [r for r in results if (r['size'], r['direction']) == (EIGHT_CLIPS, direction)]
        ours = [r for r in here if _is_ours(r)]
        others = [r for r in here if not _is_ours(r)]
        if not ours:
            continue
        best = min(ours, key=lambda r: r['milliseconds'])
        if others:
            rival = min(others, key=lambda r: r['milliseconds'])
            ratio = rival['milliseconds'] / best['milliseconds']
            yield _row(
                f'{title}, {direction}, 8 clips: at least 5 times the fastest other way',
                f'{ratio:.1f} times {rival["backend"]} ({best["backend"]})',
                ratio >= 5,
            )
        if direction == 'forward':
            yield _row(
                f'{title}, {direction}, 8 clips: at most 0.15 ms on an H100',
                f'{best["milliseconds"]:.3f} ms ({best["backend"]})',
                best['milliseconds'] <= 0.15,
            )


def _networks(title: str, results: Sequence[Mapping]) -> Iterator[list[str]]:
    msnets = [r for r in results if r['contestant'].startswith('msnet')]
    for batch in dict.fromkeys(r['batch'] for r in msnets):
        here = [r for r in msnets if r['batch'] == batch]
        compared = [r for r in here if r['speedup'] is not None]
        if compared:
            best = max(compared, key=lambda r: r['speedup'])
            yield _row(
                f"{title}, batch {batch}: MSNet at least as fast as mmaction2's TSM",
                f'{best["speedup"]:.2f} times ({best["contestant"]})',
                best['speedup'] >= 1,
            )
        shares = [r for r in here if r['layer_share'] is not None]
        if shares:
            least = min(shares, key=lambda r: r['layer_share'])
            yield _row(
                f'{title}, batch {batch}: the MS layer takes at most 3 % of the time',
                f'{least["layer_share"]:.1%} ({least["contestant"]})',
                least['layer_share'] <= 0.03,
            )
