import { westernDigits } from '@/lib/format';

/** The part of JSON Schema that connectors' settings use; anything else is edited as JSON. */
export interface FieldSchema {
  name: string;
  kind: 'text' | 'choice' | 'number' | 'boolean' | 'json';
  title: string;
  description: string;
  isRequired: boolean;
  choices: readonly string[];
  /** What counts where nothing is said, as text. */
  usual: string | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
  maxLength: number | undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The fields of an object's schema, required ones first. */
export function fieldsOf(schema: unknown): FieldSchema[] {
  if (!isRecord(schema) || !isRecord(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties)
    .map(([name, value]) => {
      const property = isRecord(value) ? value : {};
      const choices = Array.isArray(property.enum) ? property.enum.filter((item) => typeof item === 'string') : [];
      const kind =
        choices.length > 0
          ? ('choice' as const)
          : property.type === 'string'
            ? ('text' as const)
            : property.type === 'integer' || property.type === 'number'
              ? ('number' as const)
              : property.type === 'boolean'
                ? ('boolean' as const)
                : ('json' as const);
      return {
        name,
        kind,
        title: textOf(property.title) || name,
        description: textOf(property.description),
        isRequired: required.includes(name),
        choices,
        usual: property.default === undefined ? undefined : String(property.default),
        minimum: numberOf(property.minimum),
        maximum: numberOf(property.maximum),
        maxLength: numberOf(property.maxLength),
      };
    })
    .sort((left, right) => Number(right.isRequired) - Number(left.isRequired));
}

/** A setting as it is typed; empty where it isn't said. */
export function shownAs(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * A setting as the host takes it; undefined leaves it out. What can't be one (a number that is none) stays the text: the
 * host says what is wrong with it, in its place.
 */
export function settingOf(field: FieldSchema, text: string): unknown {
  if (text === '') return undefined;
  if (field.kind === 'boolean') return text === 'true';
  if (field.kind === 'number') {
    // With the decimal separator that goes with them.
    const number = Number(westernDigits(text).replace('\u066b', '.'));
    return Number.isFinite(number) ? number : text;
  }
  if (field.kind !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
