import { entities, targets } from '../src/components/mapping/targets.ts';
import { expect, test } from './harness.ts';

test('the page knows exactly the targets that the host takes', async ({ tenant }) => {
  const config = await tenant.config('Targets');
  const problems = async (entity: string, names: string[]) => {
    const lines = names.map((name) => ({
      stream: 'x',
      target_entity: entity,
      source_field: 'a',
      target_field: name,
    }));
    const answer = await tenant.post(`/${config}/mappings/validate`, { mappings: lines });
    return answer.problems as { code: string; target_field?: string }[];
  };
  for (const entity of entities) {
    const names = targets[entity].map(({ name }) => name);
    const found = await problems(entity, names);
    expect(found.filter(({ code }) => code === 'unknown_target')).toEqual([]);
    // Without them the host names those that it misses.
    const missing = (await problems(entity, ['attributes.any'])).filter(
      ({ code }) => code === 'required_target_missing',
    );
    expect(missing.map(({ target_field }) => target_field).sort()).toEqual(
      targets[entity]
        .filter(({ isRequired }) => isRequired)
        .map(({ name }) => name)
        .sort(),
    );
  }
});
