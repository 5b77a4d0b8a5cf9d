/** The strategies by name. A new one is a file and an entry here. */
import { annealStrategy } from './anneal.ts';
import { exactStrategy } from './exact/strategy.ts';
import { exhaustiveStrategy } from './exhaustive.ts';
import { randomStrategy } from './random.ts';
import type { Strategy, StrategyName } from './strategy.ts';

export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  exact: exactStrategy,
  anneal: annealStrategy,
  random: randomStrategy,
  exhaustive: exhaustiveStrategy,
};

export const STRATEGY_NAMES = Object.keys(STRATEGIES) as StrategyName[];
