import { SETTINGS } from '../../app/config.ts';

type Setting = (typeof SETTINGS)[keyof typeof SETTINGS];
type NamedSetting = readonly [name: string, setting: Setting];

/** `.env.example`: the required settings are open, the others are commented out with their defaults. */
export function envExample(): string {
  const blocks = bySection().map(([section, settings]) => {
    const lines = settings.map(
      ([name, setting]) =>
        `# ${meaningOf(setting)}.\n${setting.default === null ? '' : '# '}${name}=${setting.default ?? ''}`,
    );
    return `# ── ${section} ──\n\n${lines.join('\n\n')}`;
  });
  return `# Copy to .env and edit. Generated from src/app/config.ts by: npm run generate\n\n${blocks.join('\n\n')}\n`;
}

const INTRODUCTION = `# Configuration

<!-- Generated from src/app/config.ts by: npm run generate -->

All variables that the application reads. A variable of the process wins over the same one in the file \`.env\`; an empty one counts as unset.
At the start all bad values are reported by name, and the server starts only if there is none. \`npx back env\` prints the values in effect, secrets masked.

In \`.env\`, \`\${NAME}\` and \`\${NAME:-otherwise}\` stand for another variable, but not within single quotes; a \`$\` alone is a \`$\`. The file is UTF-8, or UTF-16 with a byte order mark.`;

/** `docs/configuration.md`: one table for each section of the settings. */
export function configurationPage(): string {
  const sections = bySection().map(([section, settings]) => {
    const rows = settings.map(
      ([name, setting]) => `| \`${name}\` | ${defaultOf(setting)} | ${meaningOf(setting).replaceAll('|', '\\|')} |`,
    );
    return `## ${section}\n\n| variable | default | meaning |\n|---|---|---|\n${rows.join('\n')}`;
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function bySection(): [section: string, settings: NamedSetting[]][] {
  const entries = Object.entries<Setting>(SETTINGS);
  return Object.entries(Object.groupBy(entries, ([, { section }]) => section)).map(([section, settings = []]) => [
    section,
    settings,
  ]);
}

function defaultOf({ default: text }: Setting): string {
  if (text === null) return 'required';
  return text === '' ? 'empty' : `\`${text}\``;
}

function meaningOf({ purpose, unit }: Setting): string {
  return unit === undefined ? purpose : `${purpose} (${unit})`;
}
