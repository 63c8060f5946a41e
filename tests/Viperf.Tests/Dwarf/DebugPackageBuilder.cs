using Viperf.Tests.Elf;

namespace Viperf.Tests.Dwarf;

/// <summary>Makes packages of split debugging information, as <c>dwp</c> does (DWARF 5 §7.3.5).</summary>
internal static class DebugPackageBuilder
{
    /// <summary>Puts the units of several files into a package with an index.</summary>
    public static DebugInfoBuilder Build(int version, params (ulong Id, DebugInfoBuilder File)[] files)
    {
        (string Name, uint Column)[] columns = version >= 5
            ? [("info", 1), ("abbrev", 3), ("str_offsets", 6), ("rnglists", 8)]
            : [("info", 1), ("abbrev", 3), ("str_offsets", 6)];
        var package = new DebugInfoBuilder(version);
        uint slots = 8;
        var ids = new ulong[slots];
        var rows = new uint[slots];
        var offsets = new ByteList();
        var sizes = new ByteList();
        var whole = columns.ToDictionary(static column => column.Name, static _ => new ByteList());
        for (uint row = 1; row <= files.Length; row++)
        {
            var (id, file) = files[row - 1];
            ulong slot = id & (slots - 1);
            while (rows[slot] != 0)
            {
                slot = (slot + (((id >> 32) & (slots - 1)) | 1)) & (slots - 1);
            }

            (ids[slot], rows[slot]) = (id, row);
            foreach (var (name, _) in columns)
            {
                byte[] bytes = file.Section(name);
                offsets.U32((uint)whole[name].Length);
                sizes.U32((uint)bytes.Length);
                whole[name].Bytes(bytes);
            }
        }

        foreach (var (name, bytes) in whole)
        {
            package.Replace(name, bytes.ToArray());
        }

        var index = new ByteList().U32(version >= 5 ? 5u : 2u).U32((uint)columns.Length).U32((uint)files.Length).U32(slots);
        ids.ToList().ForEach(id => index.U64(id));
        rows.ToList().ForEach(row => index.U32(row));
        columns.ToList().ForEach(column => index.U32(column.Column));
        package.Replace("cu_index", index.Bytes(offsets.ToArray()).Bytes(sizes.ToArray()).ToArray());
        return package.Replace("str", files[0].File.Section("str"));
    }
}
