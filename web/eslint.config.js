import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// What the pages' source has to hold; how it is laid out is Prettier's (npm run format).

const asksTheApi = ['src/lib/**', 'src/features/*/queries.ts', 'src/main.tsx'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'playwright-report', 'src/lib/schema.d.ts'] },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'no-undef': 'off', // TypeScript says it
      // tsc says it (noUnusedLocals, noUnusedParameters), and every build runs tsc.
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
  // Browser tests read single fields of the API's answers.
  { files: ['e2e/**', 'src/lib/words.test.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  // The arrows: app → features → ui → lib; a feature knows no other one.
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { node: { extensions: ['.ts', '.tsx', '.d.ts'] } },
      'boundaries/root-path': import.meta.dirname,
      'boundaries/elements': [
        { type: 'app', pattern: 'src/app' },
        { type: 'feature', pattern: 'src/features/*', capture: ['name'] },
        { type: 'ui', pattern: 'src/ui' },
        { type: 'lib', pattern: 'src/lib' },
      ],
      'boundaries/ignore': ['src/main.tsx'],
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/no-unknown-dependencies': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            {
              from: { element: { type: 'app' } },
              allow: { to: { element: { types: { anyOf: ['feature', 'ui', 'lib'] } } } },
            },
            { from: { element: { type: 'feature' } }, allow: { to: { element: { types: { anyOf: ['ui', 'lib'] } } } } },
            { from: { element: { type: 'ui' } }, allow: { to: { element: { type: 'lib' } } } },
            { allow: { to: { module: { origin: 'external' } } } },
          ],
        },
      ],
    },
  },
  // What is asked of the API stands in queries.ts, under a key of the factory.
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: asksTheApi,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@tanstack/react-query',
              allowTypeImports: true,
              message: 'Hooks of React Query stand in a queries.ts.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "Property[key.name='queryKey'] > ArrayExpression.value",
          message: 'Take the key from lib/query-keys.ts.',
        },
        {
          selector:
            'CallExpression[callee.property.name=/^(get|set)Quer(y|ies)Data$|^getQueryState$/] > ArrayExpression',
          message: 'Take the key from lib/query-keys.ts.',
        },
        {
          selector: "JSXAttribute[name.name='type'][value.value=/^(date|month|week|datetime-local)$/]",
          message: "A native field reads as the browser's language does; take ui/date-field.tsx.",
        },
      ],
    },
  },
);
