/**
 * The API of dse in a browser: the same functions as in Node, on web workers. Its files are those the package ships and
 * those given to `writeFile`. Energies are in pJ, times in cycles and seconds, sizes in memory words, areas in µm².
 *
 * @example
 * import { search } from 'dse/browser';
 *
 * const { layers } = await search({ arch: 'eyeriss', layer: 'resnet50.conv3' });
 */
export * from './engine.ts';
export { sweep } from './api/sweep-run.ts';
export type { SweepRunRequest as SweepRequest } from './api/sweep-run.ts';
export { writeFile } from './host/browser.ts';

/** What the HTML reports draw, as plain data. */
export { mappingView, roofOf } from './report/html/search-view.ts';
export type { MappingView, NestView, Roof } from './report/html/search-view.ts';
export { sweepView } from './report/html/sweep-view.ts';
export type { SweepView } from './report/html/sweep-view.ts';
export { bestReport } from './report/json.ts';
export type { ExploreProgress } from './explore/explore.ts';
