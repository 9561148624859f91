/// How many records had which effect. A run may be called done only if the accounts agree.
package struct Counts: Sendable, Equatable {
    package var read: Int64 = 0
    package var created: Int64 = 0
    package var updated: Int64 = 0
    package var unchanged: Int64 = 0
    package var setAside: Int64 = 0
    package var rejected: Int64 = 0
    package var duplicate: Int64 = 0
    /// Warnings, counted beside: no part of the accounts.
    package var warned: Int64 = 0
    /// Read, and not decided yet: a record whose e-mail is another's waits until the run's end.
    package var waiting: Int64 = 0
    /// Of those read: rejects of earlier runs that waited for what they refer to, and have got through in this one.
    package var replayed: Int64 = 0

    package init() {}

    /// Read equals the sum of the effects, and nothing waits.
    package var agree: Bool {
        waiting == 0 && read == created + updated + unchanged + setAside + rejected + duplicate
    }

    package static func += (left: inout Counts, right: Counts) {
        left.read += right.read
        left.created += right.created
        left.updated += right.updated
        left.unchanged += right.unchanged
        left.setAside += right.setAside
        left.rejected += right.rejected
        left.duplicate += right.duplicate
        left.warned += right.warned
        left.waiting += right.waiting
        left.replayed += right.replayed
    }
}
