internal import Identifiers

/// The directory's entries that stand in no page yet: a hash table of keys, which are hashes themselves.
struct DirectoryMemory {
    /// 0: free. Half of the places are, at least.
    private var keys: [UInt64]
    /// The row's number in the low 48 bits, the tenant's index above.
    private var values: [UInt64]
    private var mask: Int
    private(set) var count = 0
    private(set) var tenants: [UUID] = []

    private static let least = 1_024

    init() {
        keys = [UInt64](repeating: 0, count: DirectoryMemory.least)
        values = keys
        mask = DirectoryMemory.least - 1
    }

    func row(at key: UInt64) -> Int64? {
        var place = Int(truncatingIfNeeded: key) & mask
        while true {
            let found = keys[place]
            if found == key { return Int64(values[place] & 0xFFFF_FFFF_FFFF) }
            if found == 0 { return nil }
            place = (place &+ 1) & mask
        }
    }

    /// The number under which a tenant's entries are kept.
    mutating func index(of tenant: UUID) -> Int {
        if let known = tenants.firstIndex(of: tenant) { return known }
        tenants.append(tenant)
        return tenants.count - 1
    }

    mutating func set(_ key: UInt64, row: Int64, tenant: Int) {
        if (count + 1) * 2 > keys.count { grow() }
        place(key, UInt64(bitPattern: row) & 0xFFFF_FFFF_FFFF | UInt64(tenant) << 48)
    }

    private mutating func place(_ key: UInt64, _ value: UInt64) {
        var place = Int(truncatingIfNeeded: key) & mask
        while keys[place] != 0, keys[place] != key { place = (place &+ 1) & mask }
        if keys[place] == 0 {
            keys[place] = key
            count += 1
        }
        values[place] = value
    }

    private mutating func grow() {
        let (oldKeys, oldValues) = (keys, values)
        keys = [UInt64](repeating: 0, count: oldKeys.count * 2)
        values = keys
        mask = keys.count - 1
        count = 0
        for place in oldKeys.indices where oldKeys[place] != 0 { self.place(oldKeys[place], oldValues[place]) }
    }

    /// One tenant's entries in the order of the pages.
    func sorted(tenant: Int) -> [DirectoryEntry] {
        var entries: [DirectoryEntry] = []
        entries.reserveCapacity(tenants.count == 1 ? count : 0)
        for place in keys.indices where keys[place] != 0 && Int(values[place] >> 48) == tenant {
            entries.append(DirectoryEntry(key: keys[place], row: Int64(values[place] & 0xFFFF_FFFF_FFFF)))
        }
        entries.sort { $0.key < $1.key }
        return entries
    }
}

/// A key, in the signed order of the pages, and the row it leads to.
struct DirectoryEntry: Equatable {
    var key: Int64
    var row: Int64

    init(key: UInt64, row: Int64) {
        self.key = Int64(bitPattern: key)
        self.row = row
    }
}
