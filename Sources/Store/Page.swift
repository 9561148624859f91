/// Where a row stands in a list that is read page by page. Opaque to whoever asks for pages: the key of one page's end is
/// what the next one begins after.
package struct PageKey: Sendable, Hashable {
    /// What the list is ordered by: microseconds where the newest come first, else the row's number.
    package var major: Int64
    /// Which of those that are equal.
    package var minor: Int64

    package init(_ major: Int64, _ minor: Int64) {
        self.major = major
        self.minor = minor
    }
}

/// Which piece of a list is wanted.
package struct PageRequest: Sendable, Hashable {
    /// `next` of the page before; nil for the first.
    package var after: PageKey?
    /// At least 1, at most 500: what is outside is taken as the nearest.
    package var limit: Int

    package init(after: PageKey? = nil, limit: Int = 50) {
        self.after = after
        self.limit = min(max(limit, 1), 500)
    }
}

/// A piece of a list in a stable order: what is added meanwhile moves nothing from one page to another.
///
/// Where a text is searched for, a page may hold fewer items than there is room for, or none, though another follows: so
/// many rows were looked at.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    /// Where the next page begins; nil if this one is the last.
    package var next: PageKey?

    package init(items: [Item], next: PageKey?) {
        self.items = items
        self.next = next
    }
}
