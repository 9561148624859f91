extension FileSettings {
    /// What they say of a workbook.
    var sheetOptions: SheetOptions {
        var options = SheetOptions()
        options.sheet = sheet
        options.hasHeader = dialect.hasHeader
        options.isStrict = dialect.isStrict
        options.maxRecordBytes = dialect.maxRecordBytes
        options.trailer = dialect.trailer
        return options
    }
}
