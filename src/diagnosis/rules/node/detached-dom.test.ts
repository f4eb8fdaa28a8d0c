import { expect, test } from 'vitest';
import { SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];

const leaks = [
  {
    name: 'rows that were removed from the page stay in a list of the script',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$rows-> rows:Array#32 -[]-> row*${n}:native"<tr class=row>"#120+detached -#0-> text*:native"Text"#80+detached`,
    ),
    leak: { title: 'DOM nodes that left the document are still held', growth: { objects: 100 } },
  },
  {
    name: 'components that nobody needs keep their elements',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$components-> components:Set#32 -#table-> table:array#100 -#member-> c*${n}:Card#60<app/card.js:3:1>
      c -.element-> card*:native"HTMLDivElement"#140+detached`,
    ),
    leak: { title: 'DOM nodes that left the document are still held' },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'detached-dom', ...leak }]);
});

const clean = [
  {
    name: 'removed rows are let go: other ones in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      scope -$undo-> undo:Array#32 -[]-> ${name}*80:native"<tr>"#120+detached`,
    ),
  },
  {
    name: 'templates that were never in the document, made at the start',
    dumps: series(
      [1, 2, 3],
      (n) => `
      ${SERVICE}
      scope -$count-> count:number"heap number"#${16 * n}
      scope -$templates-> templates:Array#32 -[]-> t*200:native"<template>"#120+detached`,
    ),
  },
  {
    name: 'a pool of row elements that is full by the second dump',
    dumps: series(
      [5, 150, 150],
      (n) => `
      ${SERVICE}
      scope -$pool-> pool:Array#32 -[]-> row*${n}:native"<tr>"#120+detached`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test.each([
  { name: 'elements that are in the document', node: 'native"<tr>"#120+attached' },
  {
    name: 'native objects of Node that V8 calls detached',
    node: 'native"Node / FSReqCallback"#120+detached',
  },
])('$name are something else', async ({ node }) => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    scope -$rows-> rows:Array#32 -[]-> row*${n}:${node}`,
  );
  const { findings } = await diagnoseDrawn(dumps);
  expect(findings[0]!.pattern).not.toBe('detached-dom');
});
