import { type Finding, fail, ok } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { PRODUCTION_RULES } from './production-rules.ts';
import { RULES } from './settings-rules.ts';

/** Settings that cannot be used, that contradict each other, or that are for development and stand in production. */
export function checkSettings(observation: Observation): Finding[] {
  const { config, problems } = observation;
  // What is wrong with the keys is said among the keys.
  const unusable = problems.filter((problem) => !/^(SECRET_KEY|PREVIOUS_SECRET_KEYS|KEYS_DIRECTORY) /.test(problem));
  const rules = config.environment === 'production' ? [...RULES, ...PRODUCTION_RULES] : RULES;
  const findings = [
    ...unusable.map((problem) => fail('settings', problem)),
    ...rules.flatMap((rule) => rule(observation) ?? []),
  ];
  return findings.length > 0 ? findings : [ok('settings', 'The settings fit together')];
}
