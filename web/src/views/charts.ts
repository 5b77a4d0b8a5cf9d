/** The charts of the HTML reports. With their drawing library: loaded when the first chart is needed. */
export { chooseMark } from '../../../src/report/html/client/charts/chart.js';
export { energyChart, energyLegend, energyTable } from '../../../src/report/html/client/charts/energy.js';
export { frontChart } from '../../../src/report/html/client/charts/front.js';
export { mappingFrontChart, mappingFrontTable } from '../../../src/report/html/client/charts/mappings.js';
export { parallelChart } from '../../../src/report/html/client/charts/parallel.js';
export { rooflineChart, rooflineTable } from '../../../src/report/html/client/charts/roofline.js';
export { utilizationChart } from '../../../src/report/html/client/charts/utilization.js';
