/**
 * An id, which is no other id: the compiler keeps users, members and an application's own ids (which
 * codegen declares in the same way) apart. Any text may be one.
 */
export type Id<Name extends string> = string & {
  /** Never there; it keeps one id from being taken for another. */
  readonly "~brand"?: Name;
};

/** Who somebody is. */
export type UserId = Id<"UserId">;

/** A user's session in a topic; opaque. */
export type MemberId = Id<"MemberId">;
