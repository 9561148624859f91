/// The rows that one batch has spoken of, with where it did: kept while the run is under way.
///
/// A byte: whether there are order values (the policy may be another in the run's next attempt). Then per row, in source
/// order: the row number's and the locator's distances from those before, as varints
/// (they wrap around: a connector's locator may be any number); with order values also the length
/// plus one (0: none) and the bytes.
struct SeenBlob {
    private(set) var bytes: [UInt8] = []
    private(set) var least = Int64.max
    private(set) var greatest: Int64 = 0
    private let isOrdered: Bool
    private var row: Int64 = 0
    private var locator: Int64 = 0

    init(isOrdered: Bool, capacity: Int = 0) {
        self.isOrdered = isOrdered
        bytes.reserveCapacity(capacity)
        bytes.append(isOrdered ? 1 : 0)
    }

    var isEmpty: Bool { bytes.count == 1 }

    /// `order` is empty for none.
    mutating func append(row: Int64, locator: Int64, order: UnsafeRawBufferPointer) {
        append(row: row, locator: locator)
        guard isOrdered else { return }
        unsafe Varint.append(order.isEmpty ? 0 : UInt64(order.count) + 1, to: &bytes)
        unsafe bytes.append(contentsOf: order)
    }

    private mutating func append(row: Int64, locator: Int64) {
        Varint.append(signed: row &- self.row, to: &bytes)
        Varint.append(signed: locator &- self.locator, to: &bytes)
        self.row = row
        self.locator = locator
        least = min(least, row)
        greatest = max(greatest, row)
    }

    static func read(
        _ bytes: Span<UInt8>,
        _ body: (_ row: Int64, _ locator: Int64, _ order: Range<Int>?) -> Void
    ) {
        guard bytes.count > 0 else { return }
        let isOrdered = bytes[0] == 1
        var position = 1
        var row: Int64 = 0
        var locator: Int64 = 0
        while let distance = Varint.read(signed: bytes, &position),
            let further = Varint.read(signed: bytes, &position)
        {
            row &+= distance
            locator &+= further
            var order: Range<Int>?
            if isOrdered {
                guard let length = Varint.read(bytes, &position) else { return }
                if length > 0 {
                    let end = min(bytes.count, position + Int(clamping: length - 1))
                    order = position..<end
                    position = end
                }
            }
            body(row, locator, order)
        }
    }
}
