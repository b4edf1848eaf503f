/** Says of an object at which moment it was as it is shown, and who wrote it since the one that was asked for. The domain belongs to nobody. */
export const AT = 'freezeframe.internal/at'

/** Says of an object of which nothing but its existence is known by what that is proven. */
export const STUB = 'freezeframe.internal/stub'
