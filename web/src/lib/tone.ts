/** What a state means to whoever reads it; the parts that show it choose icon and colour by this. */
export type Tone = 'success' | 'warning' | 'danger' | 'info' | 'neutral';
