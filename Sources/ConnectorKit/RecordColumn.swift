internal import Glibc

/// The values of one column of a batch, appended row by row, then handed over to the host without a copy.
///
/// Owned by whoever fills it until it is in a batch that `RecordReader.next()` gave out; appending after that ends the
/// process.
@safe
public final class RecordColumn {
    /// The values' type.
    public let type: ColumnType
    /// Rows appended.
    public private(set) var count = 0
    /// Rows without a value.
    public private(set) var nullCount = 0
    /// Bytes of all values.
    public private(set) var byteCount = 0

    // Memory from malloc, owned by this object alone, freed in deinit. `values` has room for `valueCapacity` bytes, of
    // which `byteCount` are written; `offsets` (only for values of their own length) for `rowCapacity + 1`, of which
    // `count + 1` are written; `validity` (only once there is a null) for `rowCapacity` bits, one per row.
    private var values: UnsafeMutableRawPointer?
    private var valueCapacity = 0
    private var offsets: UnsafeMutablePointer<Int32>?
    private var validity: UnsafeMutablePointer<UInt8>?
    private var rowCapacity = 0
    private var isHandedOver = false
    /// A bit for each row that lacks its value, as far as there is one.
    private var absences: [UInt8] = []

    /// An empty column, with room for what is expected.
    public init(_ type: ColumnType, rows: Int = 0, bytes: Int = 0) {
        self.type = type
        unsafe values = nil
        unsafe offsets = nil
        unsafe validity = nil
        reserve(rows: rows, bytes: type.width.map { $0 * rows } ?? bytes)
    }

    deinit {
        unsafe free(values)
        unsafe free(offsets)
        unsafe free(validity)
    }

    // MARK: - Appending

    /// Appends a text.
    public func append(_ text: String) {
        append(text.utf8Span.span)
    }

    /// Appends the bytes of a text or binary value.
    public func append(_ bytes: Span<UInt8>) {
        append(count: 1, byteCapacity: bytes.count) { ends, values, base in
            for index in bytes.indices {
                values.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self)
            }
            ends[0] = Int32(base + bytes.count)
            return bytes.count
        }
    }

    /// Appends a number to a column of integers; one that is too large for the type ends the process.
    public func append(_ value: Int64) {
        precondition(type.width != nil, "a number in a column of type \(type.format)")
        switch type.width {
        case 1: appendFixed(Int8(value))
        default: appendFixed(value)
        }
    }

    /// Appends rows without a value.
    public func appendNulls(_ rows: Int = 1) {
        guard rows > 0 else { return }
        let width = type.width ?? 0
        reserve(rows: rows, bytes: rows * width)
        makeValidity()
        for row in count..<count + rows {
            unsafe validity?[row >> 3] &= ~(1 << UInt8(row & 7))
            if width == 0 { unsafe offsets?[row + 1] = Int32(byteCount) }
        }
        if width > 0, let values = unsafe values { unsafe memset(values + byteCount, 0, rows * width) }
        byteCount += rows * width
        count += rows
        nullCount += rows
    }

    /// Takes a row's value away.
    public func setNull(_ row: Int) {
        precondition(row >= 0 && row < count && !isHandedOver)
        makeValidity()
        let bit = UInt8(1) << UInt8(row & 7)
        guard let validity = unsafe validity, unsafe validity[row >> 3] & bit != 0 else { return }
        unsafe validity[row >> 3] &= ~bit
        nullCount += 1
    }

    /// Says that the source's row doesn't have this value at all, not even as null or empty: it then says nothing. The
    /// schema must have `hasAbsences`.
    public func setAbsent(_ row: Int) {
        setNull(row)
        let byte = row >> 3
        if byte >= absences.count {
            absences += [UInt8](repeating: 0, count: max(byte + 1, rowCapacity >> 3) - absences.count)
        }
        absences[byte] |= 1 << UInt8(row & 7)
    }

    /// Whether any row lacks its value.
    var hasAbsences: Bool { !absences.isEmpty }

    func isAbsent(_ row: Int) -> Bool {
        row >> 3 < absences.count && absences[row >> 3] >> UInt8(row & 7) & 1 == 1
    }

    /// Appends many values of their own length at once: the fast way.
    ///
    /// `fill` writes the values end to end into the bytes it is given (`byteCapacity` of them), and for each of the `count`
    /// rows where its value ends, counted from the column's start: `base` plus the bytes written so far. It returns the
    /// bytes written.
    public func append(
        count rows: Int,
        byteCapacity: Int,
        _ fill: (_ ends: inout MutableSpan<Int32>, _ values: inout MutableRawSpan, _ base: Int) -> Int
    ) {
        precondition(type.width == nil, "a text in a column of type \(type.format)")
        reserve(rows: rows, bytes: byteCapacity)
        guard let offsets = unsafe offsets, let values = unsafe values else { return }
        // Both spans lie in this object's memory, behind what is written, within what was just reserved.
        var ends = unsafe MutableSpan(_unsafeStart: offsets + count + 1, count: rows)
        var room = unsafe MutableRawSpan(_unsafeStart: values + byteCount, byteCount: byteCapacity)
        let written = fill(&ends, &room, byteCount)
        precondition(written >= 0 && written <= byteCapacity)
        byteCount += written
        count += rows
    }

    /// Appends many numbers to a column of 64-bit integers at once: the fast way.
    public func append(numbers: Span<Int64>) {
        precondition(type.width == 8, "numbers of 64 bits in a column of type \(type.format)")
        let bytes = numbers.count * 8
        reserve(rows: numbers.count, bytes: bytes)
        guard let values = unsafe values else { return }
        // Within what was just reserved, behind what is written.
        var room = unsafe MutableRawSpan(_unsafeStart: values + byteCount, byteCount: bytes)
        for index in numbers.indices {
            room.storeBytes(of: numbers[index].littleEndian, toByteOffset: index &* 8, as: Int64.self)
        }
        byteCount += bytes
        count += numbers.count
    }

    private func appendFixed<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        let width = MemoryLayout<Value>.size
        reserve(rows: 1, bytes: width)
        unsafe values?.storeBytes(of: value.littleEndian, toByteOffset: byteCount, as: Value.self)
        byteCount += width
        count += 1
    }

    // MARK: - Memory

    private func reserve(rows: Int, bytes: Int) {
        precondition(!isHandedOver, "a column that the host already has")
        precondition(byteCount + bytes <= Int32.max, "a column of more than 2 GiB")
        if byteCount + bytes > valueCapacity || (unsafe values == nil) {
            valueCapacity = max(byteCount + bytes, valueCapacity + valueCapacity / 2, 64)
            unsafe values = grown(values, to: valueCapacity)
        }
        if count + rows > rowCapacity || (unsafe offsets == nil && type.width == nil) {
            let old = rowCapacity
            rowCapacity = max(count + rows, rowCapacity + rowCapacity / 2, 64)
            if type.width == nil {
                let isFirst = unsafe offsets == nil
                unsafe offsets = grown(offsets, to: (rowCapacity + 1) * MemoryLayout<Int32>.stride)
                    .assumingMemoryBound(to: Int32.self)
                if isFirst { unsafe offsets?[0] = 0 }
            }
            if unsafe validity != nil { growValidity(from: old) }
        }
    }

    /// From the first null on: one bit for each row that there is room for, set for those with a value.
    private func makeValidity() {
        if unsafe validity == nil { growValidity(from: 0) }
    }

    private func growValidity(from old: Int) {
        let oldBytes = (old + 7) >> 3
        let newBytes = (rowCapacity + 7) >> 3
        let memory = unsafe grown(validity, to: max(newBytes, 1))
        unsafe memset(memory + oldBytes, 0xFF, newBytes - oldBytes)
        unsafe validity = memory.assumingMemoryBound(to: UInt8.self)
    }

    private func grown(_ memory: UnsafeMutableRawPointer?, to bytes: Int) -> UnsafeMutableRawPointer {
        guard let memory = unsafe realloc(memory, bytes) else { fatalError("out of memory") }
        return unsafe memory
    }

    // MARK: - Handing over

    /// The Arrow buffers, valid as long as this object lives: from here on nothing is appended.
    func handOver() -> (validity: UnsafeRawPointer?, offsets: UnsafeRawPointer?, values: UnsafeRawPointer?) {
        isHandedOver = true
        return unsafe (
            nullCount == 0 ? nil : UnsafeRawPointer(validity), UnsafeRawPointer(offsets), UnsafeRawPointer(values)
        )
    }
}
