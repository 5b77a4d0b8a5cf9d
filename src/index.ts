/**
 * The Node API of dse: search and evaluate mappings of DNN layers on accelerators.
 * Energies are in pJ, times in cycles and seconds, sizes in memory words, areas in µm².
 *
 * @example
 * import { search } from 'dse';
 *
 * const { layers, total } = await search({ arch: 'eyeriss', layer: 'resnet50.conv3' });
 * console.log(layers[0].best.energyPj, total.edpJs);
 */
export * from './engine.ts';
export { searchHtml, sweepHtml } from './api/html.ts';
export { mergeSweeps, sweep, sweepDesign } from './api/sweep.ts';
export type { SweepRequest } from './api/sweep.ts';
