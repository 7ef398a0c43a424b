#!/usr/bin/env python3
"""Compares what two builds decide, log and report, with the texts for people taken out.

    tests/tools/compare_builds.py OLD NEW [--old-rules DIR] [--new-rules DIR] [--orders N]

OLD and NEW are programs. Both get the same simulated orders and, where HOLDFAST_SHARED (default
../shared) has them, the same real ones. Compared are decisions, exports of the log, and the summary
and flips of a rescoring, byte for byte but for texts, hashes of packs and the engine's version.
Ends with 1 at the first difference.
"""
import argparse
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Members that are written for people, or that name the pack's content.
TEXTS = {'text', 'title', 'note', 'note_text', 'warnings', 'hash', 'engine', 'permit', 'meaning',
         'handling'}


def without_texts(value):
    if isinstance(value, dict):
        return {key: without_texts(one) for key, one in value.items() if key not in TEXTS}
    if isinstance(value, list):
        return [without_texts(one) for one in value]
    return value


def lines_of(text):
    """Each line as JSON in the order of its members, texts taken out."""
    for line in text.splitlines():
        yield json.dumps(without_texts(json.loads(line)))


def run(binary, *words, stdin=None):
    ran = subprocess.run([binary, *words], input=stdin, capture_output=True, cwd=ROOT)
    if ran.returncode not in (0, 1):
        sys.exit(f'{binary} {" ".join(words)}: ended with {ran.returncode}\n{ran.stderr.decode()}')
    return ran.stdout.decode()


def compare(what, outputs):
    old, new = (list(lines_of(text)) for text in outputs)
    for number, (one, other) in enumerate(zip(old, new), 1):
        if one != other:
            sys.exit(f'{what}: line {number} differs\n  old: {one}\n  new: {other}')
    if len(old) != len(new):
        sys.exit(f'{what}: {len(old)} lines, then {len(new)}')
    print(f'{what}: {len(new)} lines the same', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('old')
    parser.add_argument('new')
    parser.add_argument('--old-rules', default=str(ROOT / 'rules'))
    parser.add_argument('--new-rules', default=str(ROOT / 'rules'))
    parser.add_argument('--orders', type=int, default=3000)
    parser.add_argument('--without', action='append', default=[],
                        help='a further member that is not compared')
    options = parser.parse_args()
    TEXTS.update(options.without)
    builds = [(os.path.abspath(options.old), options.old_rules, 'old'),
              (os.path.abspath(options.new), options.new_rules, 'new')]
    with tempfile.TemporaryDirectory() as folder:
        for seed in (5, 6):
            events = run(builds[1][0], 'simulate', '--seed', str(seed), '--orders',
                         str(options.orders)).encode()
            for pack in ('starter', 'cross-border'):
                compare(f'decisions, seed {seed}, {pack}',
                        [run(binary, 'score', '--json', '--pack', f'{rules}/{pack}', '-',
                             stdin=events) for binary, rules, _ in builds])
            logs = []
            for binary, rules, name in builds:
                data = f'{folder}/{name}-{seed}'
                run(binary, 'score', '--pack', f'{rules}/starter', '--data', data, '-',
                    stdin=events)
                logs.append(run(binary, 'log', 'export', '--full', '--data', data))
            compare(f'log, seed {seed}', logs)
            for fold in ((), ('--fold',)):
                flips, summaries = [], []
                for binary, rules, name in builds:
                    out = f'{folder}/{name}-{seed}-out{len(fold)}'
                    run(binary, 'rescore', '--pack', f'{rules}/cross-border', '--data',
                        f'{folder}/{name}-{seed}', '--out', out, *fold)
                    flips.append(pathlib.Path(out, 'flips.ndjson').read_text())
                    summaries.append(json.dumps(json.loads(
                        pathlib.Path(out, 'summary.json').read_text())))
                compare(f'flips, seed {seed} {" ".join(fold)}', flips)
                compare(f'summary, seed {seed} {" ".join(fold)}', summaries)
        shared = pathlib.Path(os.environ.get('HOLDFAST_SHARED', ROOT.parent / 'shared'))
        real = shared / 'data/fraud_orders/orders.csv.gz'
        if not real.exists():
            print('real orders: skipped, there are none')
            return
        orders = gzip.decompress(real.read_bytes())
        compare('decisions, real orders',
                [run(binary, 'score', '--json', '--mapping', 'config/mappings/fraud-orders.yaml',
                     '--pack', f'{rules}/fraud-orders/any-of-three.yaml', '-', stdin=orders)
                 for binary, rules, _ in builds])


main()
