type Fields = { readonly [key: string]: Schema<unknown> | Optional<unknown> | typeof server };
type Variants = { readonly [key: string]: Schema<unknown> | typeof unit };
type Structs = { readonly [key: string]: Struct<unknown> | typeof unit };

/** What a schema takes. */
type Of<S> = S extends Schema<infer Input> | Optional<infer Input> ? Input : never;

type StructOf<F extends Fields> = {
  [Key in keyof F as F[Key] extends Schema<unknown> ? Key : never]: Of<F[Key]>;
} & {
  [Key in keyof F as F[Key] extends Optional<unknown> ? Key : never]?: Of<F[Key]>;
};

type TupleOf<Items extends readonly Schema<unknown>[]> = { -readonly [I in keyof Items]: Of<Items[I]> };

type VariantsOf<V extends Variants> = {
  [Key in keyof V]: V[Key] extends typeof unit ? Key : { [K in Key]: Of<V[Key]> };
}[keyof V];

type TaggedOf<Tag extends string, V extends Structs> = {
  [Key in keyof V]: { [K in Tag]: Key } & (V[Key] extends typeof unit ? unknown : Of<V[Key]>);
}[keyof V];

type AdjacentOf<Tag extends string, Content extends string, V extends Variants> = {
  [Key in keyof V]: { [K in Tag]: Key } & (V[Key] extends typeof unit
    ? unknown
    : { [K in Content]: Of<V[Key]> });
}[keyof V];
