internal import ConnectorKit

/// Walks over the records of a JSON array, or of a file with one record a line, stretch by stretch.
struct JSONCursor {
    let file: InputFile
    /// Whether each line is a record; otherwise they are the elements of an array.
    let isLines: Bool
    let maxRecordBytes: Int
    private(set) var window: Window
    /// What comes next, in the file: in an array the comma before a record, or its end.
    private(set) var offset: Int
    /// Of lines the one at `offset`, from 1; of an array the record's number, from 1.
    private(set) var number: Int64
    /// Whether there is nothing more: at `offset` stands the array's closing bracket, or the file ends.
    private(set) var hasEnded = false

    /// The records of the stretch, as they stand in the window.
    private(set) var rows: [Row] = []

    struct Row {
        /// In the file.
        var offset: Int
        var number: Int64
        /// In the window.
        var bytes: Range<Int>
        var fault: JSONFault?
        var strays: [JSONRecordScanner.Stray] = []
    }

    init(_ file: InputFile, isLines: Bool, maxRecordBytes: Int, offset: Int, number: Int64, windowBytes: Int) {
        self.file = file
        self.isLines = isLines
        self.maxRecordBytes = maxRecordBytes
        self.offset = offset
        self.number = number
        window = Window(offset: offset, of: file, capacity: windowBytes)
    }

    /// Reads the next records into the scanner's rows; reads on in the file first where the window holds no whole one.
    ///
    /// `stopAt` is an offset in the file: no record is wanted once `offset` has come that far.
    mutating func advance(
        _ scanner: inout JSONRecordScanner,
        maxRows: Int,
        stopAt: Int,
        _ context: OperationContext
    ) throws(ConnectorFailure) {
        rows.removeAll(keepingCapacity: true)
        scanner.removeAll()
        while true {
            // Once for each part of a record that is longer than the window.
            try context.checkCancelled()
            let fault = isLines ? scanLines(&scanner, maxRows, stopAt) : scanArray(&scanner, maxRows, stopAt)
            // What stands in the window is given out first; the same fault comes again at the next call.
            guard rows.isEmpty, !hasEnded, let fault else { return }
            let start = offset - window.offset
            guard fault.kind != .tooLong else { throw tooLong() }
            guard fault.kind == .end, !window.isLast else { throw broken(fault) }
            guard window.end - start <= maxRecordBytes else { throw tooLong() }
            try window.fill(keepingFrom: start, of: file, maxRecordBytes: maxRecordBytes)
        }
    }

    /// What stopped it; nil for a limit.
    private mutating func scanArray(
        _ scanner: inout JSONRecordScanner,
        _ maxRows: Int,
        _ stopAt: Int
    ) -> JSONFault? {
        let all = window.bytes
        let bytes = all.span
        // Reading bytes of a byte span is no reinterpretation.
        let raw = unsafe bytes.bytes
        let (base, end) = (window.offset, window.end)
        while rows.count < min(maxRows, scanner.capacity), offset < stopAt {
            var start = JSONRecordScanner.space(raw, from: offset - base, end)
            guard start < end else { return JSONFault(kind: .end, position: end) }
            let byte = raw.byte(at: start)
            if byte == UInt8(ascii: "]") {
                offset = base + start
                hasEnded = true
                return nil
            }
            if number > 1 {
                guard byte == UInt8(ascii: ",") else { return JSONFault(kind: .syntax, position: start) }
                start = JSONRecordScanner.space(raw, from: start + 1, end)
                guard start < end else { return JSONFault(kind: .end, position: end) }
            }
            do throws(JSONFault) {
                let close = try scanner.record(bytes, at: start, end: end, row: rows.count)
                if close - start > maxRecordBytes { return JSONFault(kind: .tooLong, position: start) }
                take(scanner, base, start..<close, scanner.spoil)
                offset = base + close
            } catch {
                return error
            }
        }
        return nil
    }

    private mutating func scanLines(
        _ scanner: inout JSONRecordScanner,
        _ maxRows: Int,
        _ stopAt: Int
    ) -> JSONFault? {
        let all = window.bytes
        let bytes = all.span
        // Reading bytes of a byte span is no reinterpretation.
        let raw = unsafe bytes.bytes
        let (base, end) = (window.offset, window.end)
        while rows.count < min(maxRows, scanner.capacity), offset < stopAt {
            let line = offset - base
            let lineEnd = Self.lineEnd(raw, from: line, end)
            guard lineEnd < end || window.isLast else { return JSONFault(kind: .end, position: end) }
            if line == end {
                hasEnded = true
                return nil
            }
            let start = JSONRecordScanner.space(raw, from: line, lineEnd)
            guard start < lineEnd else {
                offset = base + min(lineEnd + 1, end)
                number += 1
                continue
            }
            var fault: JSONFault?
            var close = lineEnd
            do throws(JSONFault) {
                if raw.byte(at: start) == UInt8(ascii: "{") {
                    close = try scanner.record(bytes, at: start, end: lineEnd, row: rows.count)
                    fault = scanner.spoil
                    let rest = JSONRecordScanner.space(raw, from: close, lineEnd)
                    if rest < lineEnd { fault = JSONFault(kind: .trailing, position: rest) }
                } else {
                    fault = JSONFault(kind: .noObject, position: start)
                }
            } catch {
                fault = error
            }
            if fault != nil { close = lineEnd }
            if close - start > maxRecordBytes { return JSONFault(kind: .tooLong, position: start) }
            take(scanner, base, start..<close, fault)
            offset = base + min(lineEnd + 1, end)
        }
        return nil
    }

    private mutating func take(
        _ scanner: borrowing JSONRecordScanner,
        _ base: Int,
        _ bytes: Range<Int>,
        _ fault: JSONFault?
    ) {
        rows.append(
            Row(
                offset: base + bytes.lowerBound,
                number: number,
                bytes: bytes,
                fault: fault,
                strays: fault == nil ? scanner.strays : []
            )
        )
        number += 1
    }

    /// The next line feed, or the end; eight bytes at a time.
    private static func lineEnd(_ bytes: borrowing RawSpan, from start: Int, _ end: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = start
        while position < end {
            let word = bytes.littleEndianWord(at: position) ^ (ones &* UInt64(UInt8(ascii: "\n")))
            let hits = (word &- ones) & ~word & 0x8080_8080_8080_8080
            if hits != 0 { return min(end, position &+ hits.trailingZeroBitCount &>> 3) }
            position &+= 8
        }
        return end
    }

    // MARK: - Failures

    private func broken(_ fault: JSONFault) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "json_\(fault.code)",
            message:
                "\(file.name) can't be read further than byte \(window.offset + fault.position), in record \(number): "
                + "\(fault.reason)."
        )
    }

    private func tooLong() -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "record_too_large",
            message:
                "Record \(number) of \(file.name), at byte \(offset), is longer than \(maxRecordBytes) bytes; check its "
                + "brackets and quotes, or raise max_record_bytes.",
            pointer: "/max_record_bytes"
        )
    }
}
