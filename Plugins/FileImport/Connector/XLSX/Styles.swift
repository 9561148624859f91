internal import ConnectorKit

/// What each cell style makes of a number.
struct Styles {
    private var formats: [NumberFormat] = []
    /// Of the styles whose format is `padded`.
    private var masks: [Int: DigitMask] = [:]

    /// A workbook without a styles part.
    init() {}

    /// Source: ECMA-376 part 1, 18.8.10 (cellXfs) and 18.8.30 (numFmt).
    init(_ part: ZipPart, _ context: OperationContext) throws(ConnectorFailure) {
        let listener = Listener()
        try XMLReader(part, listener, context).advance()
        formats = listener.formats
        masks = listener.masks
    }

    /// The format of a cell by its attribute `s`.
    subscript(_ style: Int) -> NumberFormat {
        style >= 0 && style < formats.count ? formats[style] : .general
    }

    /// How a cell shows whole numbers with leading zeros, if it does.
    func mask(_ style: Int) -> DigitMask? { masks[style] }

    private final class Listener: XMLListener {
        /// In `cellXfs`, in their order.
        var formats: [NumberFormat] = []
        var masks: [Int: DigitMask] = [:]
        private var custom: [Int: (format: NumberFormat, code: String)] = [:]
        private var path: [String] = []

        func started(_ name: String, _ attributes: XMLAttributes) {
            path.append(name)
            guard path.count == 3 else { return }
            if name == "numFmt", path[1] == "numFmts", let id = attributes.value("numFmtId").flatMap({ Int($0) }) {
                custom[id] = attributes.value("formatCode").map { (NumberFormat(code: $0), $0) }
            } else if name == "xf", path[1] == "cellXfs" {
                let id = attributes.value("numFmtId").flatMap { Int($0) } ?? 0
                if let known = custom[id], known.format == .padded {
                    masks[formats.count] = DigitMask(code: known.code)
                }
                formats.append(custom[id]?.format ?? NumberFormat(builtIn: id))
            }
        }

        func ended(_ name: String) {
            path.removeLast()
        }
    }
}
