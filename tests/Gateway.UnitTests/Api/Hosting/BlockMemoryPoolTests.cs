using Gateway.Api.Hosting;

namespace Gateway.UnitTests.Api.Hosting;

public sealed class BlockMemoryPoolTests
{
    [Fact]
    public void A_block_that_was_returned_is_rented_again()
    {
        using var pool = new BlockMemoryPool();
        var first = pool.Rent();
        first.Dispose();
        Assert.Equal(1, pool.FreeBlocks);
        Assert.Same(first, pool.Rent(BlockMemoryPool.BlockSize));
        Assert.Equal(0, pool.FreeBlocks);
    }

    [Fact]
    public void The_block_that_was_returned_last_is_rented_first()
    {
        using var pool = new BlockMemoryPool();
        var (first, last) = (pool.Rent(), pool.Rent());
        first.Dispose();
        last.Dispose();
        Assert.Same(last, pool.Rent());
        Assert.Same(first, pool.Rent());
    }

    [Fact]
    public void A_block_returned_twice_is_not_rented_twice()
    {
        using var pool = new BlockMemoryPool();
        var block = pool.Rent();
        block.Dispose();
        block.Dispose();
        Assert.NotSame(pool.Rent(), pool.Rent());
    }

    [Fact]
    public void Free_blocks_are_kept_up_to_the_bound_and_no_further()
    {
        using var pool = new BlockMemoryPool();
        var blocks = Enumerable.Range(0, BlockMemoryPool.MaxFreeBlocks + 10).Select(_ => pool.Rent()).ToList();
        blocks.ForEach(block => block.Dispose());
        Assert.Equal(BlockMemoryPool.MaxFreeBlocks, pool.FreeBlocks);
    }

    [Fact]
    public void More_than_a_block_is_refused()
    {
        using var pool = new BlockMemoryPool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BlockMemoryPool.BlockSize + 1));
    }
}
