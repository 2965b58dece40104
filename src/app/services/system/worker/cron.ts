/** The moments of a schedule. */
export interface Cron {
  /** The latest moment of the schedule at or before `time`, not earlier than `since`. */
  latest: (time: Date, since: Date) => Date | undefined;
}

const MINUTE_MS = 60_000;
const FIELDS = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12 },
  { name: 'weekday', min: 0, max: 7 },
] as const;

/**
 * Reads the five fields of crontab(5) in UTC: minute, hour, day, month, weekday (0 and 7 are Sunday), each `*`, a number, a
 * range `1-5`, a step such as `0-30/10`, or a list of them. Of day and weekday one is enough if both are restricted. Throws an Error that names
 * the field.
 */
export function parseCron(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) throw new Error(`"${text}" must have ${FIELDS.length} fields`);
  const [minutes, hours, days, months, weekdays] = FIELDS.map((field, index) =>
    parseField(parts[index] ?? '', field),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  if (weekdays.has(7)) weekdays.add(0);
  const isEither = parts[2] !== '*' && parts[4] !== '*';
  const fits = (time: Date): boolean => {
    const isDay = days.has(time.getUTCDate());
    const isWeekday = weekdays.has(time.getUTCDay());
    return (
      minutes.has(time.getUTCMinutes()) &&
      hours.has(time.getUTCHours()) &&
      months.has(time.getUTCMonth() + 1) &&
      (isEither ? isDay || isWeekday : isDay && isWeekday)
    );
  };
  return {
    latest: (time, since) => {
      for (let ms = time.getTime() - (time.getTime() % MINUTE_MS); ms >= since.getTime(); ms -= MINUTE_MS) {
        if (fits(new Date(ms))) return new Date(ms);
      }
      return undefined;
    },
  };
}

function parseField(text: string, { name, min, max }: (typeof FIELDS)[number]): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [, star, from, to, step = '1'] = /^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    const first = star === undefined ? Number(from) : min;
    // Cron reads `5/15` as "from 5 on".
    const last = star !== undefined || (to === undefined && part.includes('/')) ? max : Number(to ?? from);
    const isRange = first >= min && last <= max && first <= last && Number(step) > 0;
    if (!isRange) throw new Error(`the ${name} "${part}" must be *, a number from ${min} to ${max}, a range or a step`);
    for (let value = first; value <= last; value += Number(step)) values.add(value);
  }
  return values;
}
