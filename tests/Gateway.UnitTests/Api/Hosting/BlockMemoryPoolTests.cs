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
        Assert.Equal(BlockMemoryPool.BlockSize, pool.FreeBytes);
        Assert.Same(first, pool.Rent(BlockMemoryPool.BlockSize));
        Assert.Equal(0, pool.FreeBytes);
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
        var blocks = Enumerable.Range(0, (BlockMemoryPool.MaxFree / BlockMemoryPool.BlockSize) + 10)
            .Select(_ => pool.Rent(BlockMemoryPool.BlockSize)).ToList();
        blocks.ForEach(block => block.Dispose());
        Assert.Equal(BlockMemoryPool.MaxFree, pool.FreeBytes);
    }

    [Fact]
    public void Small_blocks_that_a_crowd_left_take_no_place_from_large_ones()
    {
        using var pool = new BlockMemoryPool();
        var large = Enumerable.Range(0, BlockMemoryPool.AmpleBlocks).Select(_ => pool.Rent()).ToList();
        var small = Enumerable.Range(0, (BlockMemoryPool.MaxFree / BlockMemoryPool.SmallBlockSize) + 10).Select(_ => pool.Rent()).ToList();
        small.ForEach(block => block.Dispose());
        Assert.Equal(BlockMemoryPool.MaxFree, pool.FreeBytes);

        large.ForEach(block => block.Dispose());

        Assert.Equal(BlockMemoryPool.MaxFree, pool.FreeBytes);
        Assert.All(Enumerable.Reverse(large), block => Assert.Same(block, pool.Rent()));
    }

    [Fact]
    public void Where_many_blocks_are_in_use_who_needs_no_more_gets_a_small_one()
    {
        using var pool = new BlockMemoryPool();
        var blocks = Enumerable.Range(0, BlockMemoryPool.AmpleBlocks).Select(_ => pool.Rent()).ToList();
        Assert.All(blocks, block => Assert.Equal(BlockMemoryPool.BlockSize, block.Memory.Length));

        var small = pool.Rent(BlockMemoryPool.SmallBlockSize);
        Assert.Equal(BlockMemoryPool.SmallBlockSize, small.Memory.Length);
        Assert.Equal(BlockMemoryPool.BlockSize, pool.Rent(BlockMemoryPool.SmallBlockSize + 1).Memory.Length);

        // A large one that is free takes its memory in any case.
        blocks[0].Dispose();
        Assert.Same(blocks[0], pool.Rent());

        small.Dispose();
        Assert.Same(small, pool.Rent());

        // Few are in use again.
        blocks.ForEach(block => block.Dispose());
        Assert.Equal(BlockMemoryPool.BlockSize, pool.Rent().Memory.Length);
    }

    [Fact]
    public void More_than_a_block_is_refused()
    {
        using var pool = new BlockMemoryPool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BlockMemoryPool.BlockSize + 1));
    }
}
