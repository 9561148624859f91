import type { Mapping } from '@/api/generated/types.gen';

export type Entity = Mapping['target_entity'];

interface Target {
  name: string;
  isRequired?: true;
  /** No two rows may have the same. */
  isUnique?: true;
}

const required = (name: string): Target => ({ name, isRequired: true });
const unique = (name: string): Target => ({ name, isUnique: true });
const plain = (...names: string[]): Target[] => names.map((name) => ({ name }));

/** The fields of each entity, as docs/mapping.md lists them; `browser/targets.spec.ts` holds them against the host. */
export const targets: Record<Entity, readonly Target[]> = {
  users: [
    { name: 'external_id', isRequired: true, isUnique: true },
    unique('email'),
    unique('username'),
    ...plain('first_name', 'last_name', 'display_name', 'status', 'department', 'manager_external_id', 'job_title'),
    ...plain('language', 'country', 'phone', 'hire_date'),
  ],
  courses: [
    { name: 'external_id', isRequired: true, isUnique: true },
    unique('code'),
    ...plain('title', 'description', 'status', 'category', 'duration_minutes', 'language'),
  ],
  enrollments: [
    unique('external_id'),
    required('user_external_id'),
    required('course_external_id'),
    ...plain('status', 'progress', 'score', 'enrolled_at', 'due_at', 'completed_at'),
  ],
};

export const entities = Object.keys(targets) as Entity[];

export const targetOf = (entity: Entity, name: string): Target | undefined =>
  targets[entity].find((target) => target.name === name);

export const attribute = 'attributes.';

/** A name that `attributes.NAME` takes: a to z, then up to 62 of a to z, 0 to 9 and `_`. */
export function attributeName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 63);
  return name || 'field';
}
