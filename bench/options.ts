import { InvalidArgumentError } from 'commander';

/** The value of an option that is a number above 0. */
export function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
