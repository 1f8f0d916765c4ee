import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

// Mantine's components in our tokens (theme.css). Mantine needs the tuple to exist; every
// colour that is seen comes from the resolver below.
const teal: MantineColorsTuple = [
  '#e7f6f4',
  '#cfeae7',
  '#9fd5cf',
  '#6bbfb6',
  '#43aca1',
  '#2aa095',
  '#1a8e84',
  '#0a6b64',
  '#07544f',
  '#053e3a',
];

const plain = { border: '1px solid transparent' };

/** Colours of buttons and badges by what they are for, not by hue. */
const variantColorResolver: VariantColorsResolver = ({ variant, color }) => {
  const danger = color === 'danger';
  switch (variant) {
    case 'filled':
      return danger
        ? { background: 'var(--pp-danger)', hover: 'var(--pp-danger)', color: 'var(--pp-surface)', ...plain }
        : {
            background: 'var(--pp-primary)',
            hover: 'var(--pp-primary-hover)',
            color: 'var(--pp-on-primary)',
            ...plain,
          };
    case 'subtle':
    case 'transparent':
      return {
        background: 'transparent',
        hover: 'var(--pp-surface-2)',
        color: danger ? 'var(--pp-danger)' : 'var(--pp-primary)',
        ...plain,
      };
    default:
      return {
        background: 'var(--pp-surface)',
        hover: 'var(--pp-surface-2)',
        color: danger ? 'var(--pp-danger)' : 'var(--pp-text)',
        border: '1px solid var(--pp-border-strong)',
      };
  }
};

export const theme = createTheme({
  primaryColor: 'teal',
  colors: { teal },
  variantColorResolver,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace',
  defaultRadius: '6px',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '1rem', lg: '1.125rem', xl: '1.25rem' },
  lineHeights: { xs: '1rem', sm: '1.25rem', md: '1.5rem', lg: '1.625rem', xl: '1.75rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.875rem', lineHeight: '2.375rem' },
      h2: { fontSize: '1.5rem', lineHeight: '2rem' },
      h3: { fontSize: '1.25rem', lineHeight: '1.75rem' },
    },
  },
  components: {
    Button: { defaultProps: { h: 40, variant: 'default' }, styles: { label: { whiteSpace: 'normal' } } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    NativeSelect: { defaultProps: { size: 'md' } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Fechar' }, transitionProps: { duration: 120 } } },
    // A dialog's head is no banner of the document, which has one.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Fechar' }, transitionProps: { duration: 120 } } },
  },
});

/** Mantine's own colour variables, so that none keeps its default. */
export const variables: CSSVariablesResolver = () => {
  const colours = {
    '--mantine-color-body': 'var(--pp-bg)',
    '--mantine-color-text': 'var(--pp-text)',
    '--mantine-color-dimmed': 'var(--pp-muted)',
    '--mantine-color-default': 'var(--pp-surface)',
    '--mantine-color-default-hover': 'var(--pp-surface-2)',
    '--mantine-color-default-color': 'var(--pp-text)',
    '--mantine-color-default-border': 'var(--pp-border-strong)',
    '--mantine-color-anchor': 'var(--pp-link)',
    '--mantine-color-error': 'var(--pp-danger)',
    '--mantine-color-placeholder': 'var(--pp-muted)',
    '--mantine-primary-color-filled': 'var(--pp-primary)',
    '--mantine-primary-color-filled-hover': 'var(--pp-primary-hover)',
    '--mantine-color-teal-filled': 'var(--pp-primary)',
    '--mantine-color-teal-text': 'var(--pp-primary)',
  };
  return { variables: {}, light: colours, dark: colours };
};
