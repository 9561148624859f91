internal import Identifiers

/// The directory's entries that stand in no page yet: a hash table of keys, which are hashes themselves.
final class DirectoryMemory {
    /// 0: free. A quarter of the places are, at least.
    private var keys: CommitArray<UInt64>
    /// The row's number in the low 48 bits, the tenant's index above.
    private var values: CommitArray<UInt64>
    private(set) var count = 0
    private(set) var tenants: [UUID] = []

    private static let least = 1_024
    private static let rowMask: UInt64 = 0xFFFF_FFFF_FFFF

    init() {
        keys = CommitArray(DirectoryMemory.least, 0)
        values = CommitArray(DirectoryMemory.least, 0)
    }

    func row(at key: UInt64) -> Int64? {
        let keys = keys
        let mask = keys.count &- 1
        var place = Int(truncatingIfNeeded: key) & mask
        while true {
            let found = keys[place]
            if found == key { return Int64(values[place] & DirectoryMemory.rowMask) }
            if found == 0 { return nil }
            place = (place &+ 1) & mask
        }
    }

    /// Has the places fetched where the keys stand or will stand: each alone would wait for the memory.
    func prefetch(_ key: UInt64) {
        let place = Int(truncatingIfNeeded: key) & (keys.count &- 1)
        keys.prefetch(place)
        values.prefetch(place)
    }

    /// The number under which a tenant's entries are kept.
    func index(of tenant: UUID) -> Int {
        if let known = tenants.firstIndex(of: tenant) { return known }
        tenants.append(tenant)
        return tenants.count - 1
    }

    func set(_ key: UInt64, row: Int64, tenant: Int) {
        if count * 4 >= keys.count * 3 { grow(to: keys.count * 2) }
        place(key, UInt64(bitPattern: row) & DirectoryMemory.rowMask | UInt64(tenant) << 48)
    }

    private func place(_ key: UInt64, _ value: UInt64) {
        let keys = keys
        let mask = keys.count &- 1
        var place = Int(truncatingIfNeeded: key) & mask
        while keys[place] != 0, keys[place] != key { place = (place &+ 1) & mask }
        if keys[place] == 0 {
            keys[place] = key
            count += 1
        }
        values[place] = value
    }

    /// Makes room for so many entries, at once instead of step by step.
    func reserve(_ entries: Int) {
        var places = keys.count
        while entries * 4 > places * 3 { places *= 2 }
        if places > keys.count { grow(to: places) }
    }

    private func grow(to places: Int) {
        let (oldKeys, oldValues) = (keys, values)
        keys = CommitArray(places, 0)
        values = CommitArray(places, 0)
        count = 0
        for place in 0..<oldKeys.count where oldKeys[place] != 0 { self.place(oldKeys[place], oldValues[place]) }
    }

    /// One tenant's entries in the order of the pages.
    func sorted(tenant: Int) -> [DirectoryEntry] {
        var entries: [DirectoryEntry] = []
        entries.reserveCapacity(tenants.count == 1 ? count : 0)
        for place in 0..<keys.count where keys[place] != 0 && Int(values[place] >> 48) == tenant {
            entries.append(DirectoryEntry(key: keys[place], row: Int64(values[place] & DirectoryMemory.rowMask)))
        }
        entries.sort { $0.key < $1.key }
        return entries
    }
}

/// A key, in the signed order of the pages, and the row it leads to: the 16 bytes of an entry as they stand on a page, on
/// machines that put the lowest byte first, as all do that TrainFlow runs on.
struct DirectoryEntry: Equatable, BitwiseCopyable {
    var key: Int64
    var row: Int64

    init(key: UInt64, row: Int64) {
        self.key = Int64(bitPattern: key)
        self.row = row
    }
}
